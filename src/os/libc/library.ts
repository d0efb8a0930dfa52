/**
 * The C library that this process already runs on, and how its functions report failure here:
 * a negative result is an errno with its sign turned, as the kernel itself answers. errno(3) is
 * read in the same expression that made the call, before anything else can overwrite it.
 *
 * The declarations beside this file hold for glibc and musl, 32 and 64 bits, little-endian; these
 * are the machines that koffi is built for. Functions that C declares variadic (ioctl(2), fcntl(2),
 * syscall(2)) are declared with the arguments they are called with: on Linux both are passed alike.
 */

import { getSystemErrorName } from 'node:util';
import koffi, { type TypeObject } from 'koffi';

/** `null`: the symbols of the running program and all that it is linked with. */
export const libc = koffi.load(null);

/** Result of a call that returns -1 and sets errno: the value, or the negative errno. */
export function orErrno(result: number): number {
  return result === -1 ? -koffi.errno() : result;
}

/** `EAGAIN` for 11 or -11; `errno N` for a number without a name. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-Math.abs(errno));
  } catch {
    return `errno ${Math.abs(errno)}`;
  }
}

/** Bytes of a pointer, and of a C long: 8 or 4. */
export const pointerSize = koffi.sizeof('void *');

/** Type of an array of strings that ends with NULL, such as argv. */
export const stringsType: TypeObject = koffi.pointer(koffi.types.str);

type Signature = (...args: never[]) => unknown;

/** A function that not every C library has; null where it is missing. */
export function optional<F extends Signature>(declare: () => F): F | null {
  try {
    return declare();
  } catch {
    return null;
  }
}
