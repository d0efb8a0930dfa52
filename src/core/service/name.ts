/** What a service may be called. The name is part of file names, cgroup folders and messages. */

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]*$/;

/** NAME_MAX of the kernel (255) less the longest suffix that we append. */
const LONGEST = 240;

/** The rule in words, for messages. */
export const SERVICE_NAME_RULE =
  'a letter or digit, then letters, digits, "_", ".", "@" or "-", at most 240 in all';

export const isServiceName = (text: string): boolean => text.length <= LONGEST && NAME.test(text);
