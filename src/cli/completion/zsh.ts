import type { CommandNode, Operand, OptionNode, Tree } from './tree.js';

/** To be put into a folder of $fpath as `_esmctl`. */
export function zshScript({ name, options, commands }: Tree): string {
  return `#compdef ${name}
# zsh completion for ${name}(8), made by "${name} completion zsh"

_${name}_services() {
  local -a names
  names=(\${(f)"$(_call_program services ${name} names 2>/dev/null)"})
  compadd -a names
}

_${name}() {
  local state line context
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map(({ name: word, description }) => `    ${quote(`${word}:${description}`)}`).join('\n')}
  )
  _arguments -C ${options.map(argument).join(' ')} '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands 'command' commands ;;
    rest)
      case $words[1] in
${commands.map(branch).join('\n')}
      esac
      ;;
  esac
}

# Called by the completion system when it loads this file, or sourced by a user.
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function branch({ name, options, operand }: CommandNode): string {
  const parts = [...options.map(argument), ...operandArgument(operand)];
  return `        ${name}) _arguments ${parts.join(' ')} ;;`;
}

function argument({ short, long, description, takesValue }: OptionNode): string {
  const text = `[${description.replaceAll(/[[\]:\\]/g, '\\$&')}]${takesValue ? ':value: ' : ''}`;
  return short !== null && long !== null
    ? `'(${short} ${long})'{${short},${long}}${quote(text)}`
    : quote(`${long ?? short ?? ''}${text}`);
}

function operandArgument(operand: Operand): readonly string[] {
  switch (operand.type) {
    case 'none':
      return [];
    case 'services':
      return [`'*:service:_esmctl_services'`];
    case 'files':
      return [`'*:file:_files'`];
    case 'words':
      return [`'1: :(${operand.words.join(' ')})'`];
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
