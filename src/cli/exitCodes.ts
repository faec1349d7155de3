/** Everything went well; a stop by SIGINT or SIGTERM included. */
export const EXIT_OK = 0;
/** Something failed while it ran: a device, a file, a check. */
export const EXIT_FAILURE = 1;
/** The command line is wrong; nothing was opened. */
export const EXIT_USAGE = 2;
/** Killed by signal n, as shells count it: 128 + n. */
export const EXIT_SIGNAL = 128;
