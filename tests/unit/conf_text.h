/* conf_text.h - a text as the configuration file of a test. */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

struct conf;

/* Reads `text` as a file; returns the number of faults. *faults_out becomes a new string. */
int conf_text_load(struct conf *conf, const char *text, char **faults_out);
/* Fails unless `text` has one fault, and `fault` is a part of its line. */
void assert_one_fault(const char *text, const char *fault);
/* Fails if `text` has a fault. */
void assert_no_fault(const char *text);

#endif
