/* conf_text.c - see conf_text.h. */
#include "conf_text.h"

#include "world.h"

#include "config/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int conf_text_load(struct conf *conf, const char *text, char **faults_out)
{
    char path[] = "/tmp/chatd-conf-XXXXXX";
    size_t size;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    FILE *faults = open_memstream(faults_out, &size);
    int n = conf_load(conf, path, faults);
    fclose(faults);
    unlink(path);
    return n;
}

void assert_one_fault(const char *text, const char *fault)
{
    struct conf conf;
    char *faults;
    int n = conf_text_load(&conf, text, &faults);
    if (n != 1 || strstr(faults, fault) == NULL)
        fail_msg("%s: %d faults:\n%s", text, n, faults);
    conf_destroy(&conf);
    free(faults);
}

void assert_no_fault(const char *text)
{
    struct conf conf;
    char *faults;
    if (conf_text_load(&conf, text, &faults) != 0)
        fail_msg("%s: %s", text, faults);
    conf_destroy(&conf);
    free(faults);
}
