/** The heap of the C library. */

import { libc, optional } from './library.js';

const trimCall = optional<(keep: number) => number>(() => libc.func('int malloc_trim(size_t pad)'));

/** malloc_trim(3): gives free pages back to the kernel. Does nothing without glibc. */
export const trimHeap = (): void => void trimCall?.(0);
