import { flagsOf, type CommandNode, type Tree } from './tree.js';

/** For bash 3.2 and later, with or without the package bash-completion. */
export function bashScript({ name, options, commands }: Tree): string {
  const words = [...commands.map((command) => command.name), ...flagsOf(options)].join(' ');
  return `# bash completion for ${name}(8), made by "${name} completion bash"

_${name}() {
  # COMP_WORDS is split at "@" and "=" as well; a name may have an "@".
  local line=\${COMP_LINE:0:COMP_POINT} current previous command='' flags='' words='' word
  current=\${line##*[[:blank:]]}
  local -a before all
  read -r -a before <<<"\${line%"$current"}"
  previous=\${before[\${#before[@]} - 1]}
  for word in "\${before[@]:1}"; do
    case $word in -*) ;; *) command=$word && break ;; esac
  done

  case $command in
    '') words='${words}' ;;
${commands.map(branch).join('\n')}
  esac

  case $current in
    -*) [ -z "$command" ] || words=$flags ;;
    *)
      if [ "$words" = '<services>' ]; then
        words=$("\${before[0]}" names 2>/dev/null)
      elif [ "$words" = '<files>' ]; then
        words=
        compopt -o default 2>/dev/null
      fi
      ;;
  esac
  # "compgen -W" would expand what is in the words.
  read -r -d '' -a all <<<"$words"
  COMPREPLY=()
  for word in "\${all[@]}"; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$word")
  done

  # Readline takes "@" for the beginning of a word, and replaces that word only.
  if [[ $current == *@* && $COMP_WORDBREAKS == *@* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%@*}"}")
  fi
}

complete -F _${name} ${name}
`;
}

function branch({ name, options, operand }: CommandNode): string {
  const words = operand.type === 'words' ? operand.words.join(' ') : `<${operand.type}>`;
  const taking = flagsOf(options.filter(({ takesValue }) => takesValue));
  const guard =
    taking.length === 0 ? '' : `\n      case $previous in ${taking.join(' | ')}) return ;; esac`;
  const offered = operand.type === 'none' ? '' : ` words='${words}'`;
  return `    ${name})${guard}
      flags='${flagsOf(options).join(' ')}'${offered}
      ;;`;
}
