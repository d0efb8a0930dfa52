# bash completion for esmctl(8), made by "esmctl completion bash"

_esmctl() {
  # COMP_WORDS is split at "@" and "=" as well; a name may have an "@".
  local line=${COMP_LINE:0:COMP_POINT} current previous command='' flags='' words='' word
  current=${line##*[[:blank:]]}
  local -a before all
  read -r -a before <<<"${line%"$current"}"
  previous=${before[${#before[@]} - 1]}
  for word in "${before[@]:1}"; do
    case $word in -*) ;; *) command=$word && break ;; esac
  done

  case $command in
    '') words='status why start stop restart reset reload events log top check completion -V --version -h --help' ;;
    status)
      flags='--json -h --help' words='<services>'
      ;;
    why)
      flags='--json -h --help' words='<services>'
      ;;
    start)
      case $previous in --timeout) return ;; esac
      flags='--force --no-wait --timeout -h --help' words='<services>'
      ;;
    stop)
      case $previous in --timeout) return ;; esac
      flags='--force --no-wait --timeout -h --help' words='<services>'
      ;;
    restart)
      case $previous in --timeout) return ;; esac
      flags='--force --no-wait --timeout -h --help' words='<services>'
      ;;
    reset)
      case $previous in --timeout) return ;; esac
      flags='--force --no-wait --timeout -h --help' words='<services>'
      ;;
    reload)
      flags='-h --help'
      ;;
    events)
      case $previous in --filter | --since) return ;; esac
      flags='-f --follow --filter --since --json -h --help'
      ;;
    log)
      case $previous in -n | --lines) return ;; esac
      flags='-f --follow -n --lines -h --help' words='<services>'
      ;;
    top)
      case $previous in -d | --delay) return ;; esac
      flags='--once -d --delay -h --help'
      ;;
    check)
      flags='--json -h --help' words='<files>'
      ;;
    completion)
      flags='-h --help' words='bash zsh fish'
      ;;
  esac

  case $current in
    -*) [ -z "$command" ] || words=$flags ;;
    *)
      if [ "$words" = '<services>' ]; then
        words=$("${before[0]}" names 2>/dev/null)
      elif [ "$words" = '<files>' ]; then
        words=
        compopt -o default 2>/dev/null
      fi
      ;;
  esac
  # "compgen -W" would expand what is in the words.
  read -r -d '' -a all <<<"$words"
  COMPREPLY=()
  for word in "${all[@]}"; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$word")
  done

  # Readline takes "@" for the beginning of a word, and replaces that word only.
  if [[ $current == *@* && $COMP_WORDBREAKS == *@* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%@*}"}")
  fi
}

complete -F _esmctl esmctl
