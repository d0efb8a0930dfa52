/** The scene's own words on the terminal. */

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Output of a command, as if it had been typed. */
export function show(command: string, output: string): void {
  say(`\n# ${command}\n${output.trimEnd()}`);
}
