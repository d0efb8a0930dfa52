import type { CommandNode, Operand, OptionNode, Tree } from './tree.js';

/** To be put into a folder of $fish_complete_path as `esmctl.fish`. */
export function fishScript({ name, options, commands }: Tree): string {
  const base = `complete -c ${name}`;
  const first = `${base} -n __fish_use_subcommand`;
  return `# fish completion for ${name}(8), made by "${name} completion fish"

${base} -f
${options.map((option) => `${first} ${optionWords(option)}`).join('\n')}
${commands.map((command) => commandLines(command, name).join('\n')).join('\n')}
`;
}

function commandLines(command: CommandNode, program: string): readonly string[] {
  const { name, description, options, operand } = command;
  const base = `complete -c ${program}`;
  const here = `${base} -n '__fish_seen_subcommand_from ${name}'`;
  const words = operandWords(operand, program);
  return [
    `${base} -n __fish_use_subcommand -a ${name} -d ${quote(description)}`,
    ...options.map((option) => `${here} ${optionWords(option)}`),
    ...(words === null ? [] : [`${here} ${words}`]),
  ];
}

function optionWords({ short, long, description, takesValue }: OptionNode): string {
  const flags = [
    ...(short === null ? [] : [`-s ${short.slice(1)}`]),
    ...(long === null ? [] : [`-l ${long.slice(2)}`]),
  ];
  return [...flags, ...(takesValue ? ['-x'] : []), `-d ${quote(description)}`].join(' ');
}

function operandWords(operand: Operand, program: string): string | null {
  switch (operand.type) {
    case 'none':
      return null;
    case 'services':
      return `-a '(${program} names 2>/dev/null)'`;
    case 'files':
      return '-F';
    case 'words':
      return `-a '${operand.words.join(' ')}'`;
  }
}

const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
