/* mark.h - the file "running" in the state directory: it exists while the daemon runs, and names
 * the boot of the machine. It tells how the last run ended. The id of the boot is the kernel's, or
 * that of the environment variable CHATD_BOOT_ID. */
#ifndef STORE_MARK_H
#define STORE_MARK_H

#include <stdbool.h>

enum mark_stop {
    STOP_CLEAN,
    STOP_KILLED, /* the daemon alone; or the boot is not known, now or then */
    /* The machine went down with the daemon: acknowledged events may be missing in the file, unless
     * sync is "full". */
    STOP_OTHER_BOOT,
    STOP_RESTORED, /* the operator has put a backup in place, and written another mark */
    STOP_UNKNOWN,  /* the mark is empty or cannot be read: it may have been any of the others */
};

enum mark_stop mark_read(const char *path);
/* Puts a whole mark on the disk, or leaves the earlier one. 0, or -1 and errno. */
int mark_write(const char *path);

#endif
