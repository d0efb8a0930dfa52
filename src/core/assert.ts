/** Lets the compiler prove a switch complete; reached only if a value is not of its type. */
export function unreachable(value: never): never {
  throw new TypeError(`Cannot continue: ${JSON.stringify(value)} is not of its declared type`);
}
