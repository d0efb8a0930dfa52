/**
 * The stable codes of the problems that configuration and state file can have, each with its
 * meaning. Scripts compare these codes, so none is renamed; esmd.toml(5) and esm.state(5) list the
 * same.
 */
export const PROBLEM_CODES = {
  ESM_CONFIG_CONFLICT: 'Two keys of a file exclude each other',
  ESM_CONFIG_CYCLE: 'Services require or follow each other in a circle, which is ignored',
  ESM_CONFIG_DUPLICATE: 'Two services claim the same name, pid file or process',
  ESM_CONFIG_MISSING: 'A key is not there although others in the file need it',
  ESM_CONFIG_MORE: 'The file has more problems than are listed',
  ESM_CONFIG_NAME: 'The name of a file is not the name of a service',
  ESM_CONFIG_NO_FOLDER: 'The folder of services cannot be read',
  ESM_CONFIG_SYNTAX: 'A file is not TOML',
  ESM_CONFIG_TOO_LARGE: 'A file is larger than 1 MiB',
  ESM_CONFIG_UNKNOWN_GROUP: 'A group does not exist on this machine',
  ESM_CONFIG_UNKNOWN_KEY: 'A key is not known',
  ESM_CONFIG_UNKNOWN_SERVICE: 'A service that is required or followed does not exist',
  ESM_CONFIG_UNKNOWN_USER: 'A user does not exist on this machine',
  ESM_CONFIG_VALUE: 'A value is of the wrong type, form or size',
  ESM_FILE_MISSING: 'A file or folder does not exist',
  ESM_FILE_NOT_REGULAR: 'A link, folder, FIFO, socket or device is where a regular file has to be',
  ESM_FILE_NOT_ROOTS: 'A file does not belong to root',
  ESM_FILE_TOO_LARGE: 'A file is longer than it may be',
  ESM_FILE_UNREADABLE: 'A file or folder cannot be read',
  ESM_FILE_WRITABLE: 'Others than root may write to a file',
  ESM_FOLDER_MISSING: 'A folder that leads to a file does not exist or cannot be reached',
  ESM_FOLDER_NOT_ROOTS: 'A folder or link that leads to a file does not belong to root',
  ESM_FOLDER_WRITABLE: 'Others than root may write to a folder that leads to a file',
  ESM_STATE_LINE: 'A line of the state file was not understood and is left out, or was overridden',
  ESM_STATE_STOPPING: 'A daemon has been stopping for longer than its stop_timeout and 60 s',
  ESM_STATE_UNKNOWN_DAEMON: 'A line of the state file names a daemon that is not a service',
  ESM_STATE_UNREADABLE: 'The state file as a whole cannot be used',
} as const satisfies Readonly<Record<string, string>>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
