import type { Shell } from './shells.ts';

/**
 * The script by which a shell asks `switchyard __complete` what may come next. Each answer is a line, `word<Tab>what it
 * means`; the line `:files` asks the shell to complete paths by itself.
 */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: String.raw`# Tab completion of switchyard for bash.
_switchyard() {
  local line word current="$2"
  COMPREPLY=()
  # Bash splits words at colons; a URL is one word all the same, so its parts are left to the shell.
  while IFS= read -r line; do
    word="${'$'}{line%%$'\t'*}"
    if [[ $word == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
    elif [[ $word == "$current"* ]]; then
      COMPREPLY+=("$word")
    fi
  done < <(command "$1" __complete -- "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _switchyard switchyard
`,
  zsh: String.raw`#compdef switchyard
# Tab completion of switchyard for zsh.
_switchyard() {
  local line
  local -a found
  local files=0
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      files=1
    else
      local word="${'$'}{line%%$'\t'*}"
      word="${'$'}{word//:/\\:}"
      [[ $line == *$'\t'* ]] && word+=":${'$'}{line#*$'\t'}"
      found+=("$word")
    fi
  done < <(command "${'$'}words[1]" __complete -- "${'$'}{(@)words[2,$CURRENT]}" 2>/dev/null)
  (( ${'$'}#found )) && _describe -V 'switchyard' found
  (( files )) && _files
}
if [[ ${'$'}funcstack[1] == _switchyard ]]; then
  _switchyard "$@"
else
  compdef _switchyard switchyard
fi
`,
  fish: `# Tab completion of switchyard for fish.
function __switchyard_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c switchyard -f -a '(__switchyard_complete)'
`,
};
