#compdef hubscope
# Completions of hubscope for zsh.

_hubscope() {
    local line value help
    local -a lines paths open closed
    lines=("${(@f)$(HUBSCOPE_COMPLETE=zsh hubscope -- \
        "${(@)words[1,CURRENT-1]}" "$QIPREFIX$PREFIX" 2>/dev/null)}")
    for line in $lines; do
        value=${line%%$'\t'*}
        help=${line#"$value"}
        case $value in
        '~/'*) paths+=("~/${(q)value#'~/'}") ;;
        *[/:=]) open+=("${${value//\\/\\\\}//:/\\:}${help/#$'\t'/:}") ;;
        *) closed+=("${${value//\\/\\\\}//:/\\:}${help/#$'\t'/:}") ;;
        esac
    done
    # The program has matched them already, ignoring case where that finds more.
    local any_case='m:{[:lower:][:upper:]}={[:upper:][:lower:]}'
    if (( $#closed )); then _describe -V value closed -M $any_case; fi
    if (( $#open )); then _describe -V value open -S '' -M $any_case; fi
    if (( $#paths )); then compadd -Q -S '' -a paths; fi
}

# Saved as _hubscope in a folder of fpath, this file is the function; sourced, it defines it.
if [[ $funcstack[1] == _hubscope ]]; then
    _hubscope "$@"
else
    compdef _hubscope hubscope
fi
