/* survey.h - looks whether this machine has what the configuration names: directories, files,
 * addresses. What is not here may be on the machine that the file is for. */
#ifndef CONF_SURVEY_H
#define CONF_SURVEY_H

#include <stdio.h>

struct conf;

enum survey_for {
    SURVEY_CHECK, /* what is absent is a warning */
    SURVEY_START, /* what is absent is a fault, but not an address: it may come */
};

/* For a conf without faults that conf_load() has read from `path`. Writes what it finds to `out`,
 * and returns the number of faults. */
int conf_survey(const struct conf *conf, const char *path, enum survey_for why, FILE *out);

#endif
