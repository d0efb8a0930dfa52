/** The commands as completion scripts need them; taken from the program, so that none is missing. */

import type { Command, Option } from 'commander';

export type OptionNode = Readonly<{
  /** With their dashes. */
  short: string | null;
  long: string | null;
  description: string;
  takesValue: boolean;
}>;

/** What stands after the options: names of services, paths, or one of some words. */
export type Operand =
  | Readonly<{ type: 'none' }>
  | Readonly<{ type: 'services' }>
  | Readonly<{ type: 'files' }>
  | Readonly<{ type: 'words'; words: readonly string[] }>;

export type CommandNode = Readonly<{
  name: string;
  description: string;
  options: readonly OptionNode[];
  operand: Operand;
}>;

export type Tree = Readonly<{
  name: string;
  options: readonly OptionNode[];
  commands: readonly CommandNode[];
}>;

/** Hidden commands are left out. */
export function treeOf(program: Command): Tree {
  const help = program.createHelp();
  const commands = help
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .map((command): CommandNode => ({
      name: command.name(),
      description: command.description(),
      options: help.visibleOptions(command).map(optionNode),
      operand: operandOf(command),
    }));
  return { name: program.name(), options: help.visibleOptions(program).map(optionNode), commands };
}

const optionNode = ({ short, long, description, required }: Option): OptionNode => ({
  short: short ?? null,
  long: long ?? null,
  description,
  takesValue: required,
});

function operandOf(command: Command): Operand {
  const [first] = command.registeredArguments;
  if (first === undefined) return { type: 'none' };
  if (first.argChoices !== undefined) return { type: 'words', words: first.argChoices };
  return { type: first.name() === 'file' ? 'files' : 'services' };
}

/** Every way to write the options. */
export const flagsOf = (options: readonly OptionNode[]): readonly string[] =>
  options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== null));
