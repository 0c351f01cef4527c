# Completions of hubscope for bash.

_hubscope() {
    local line=${COMP_LINE:0:COMP_POINT} words=() rest word i
    # Readline splits words at colons and equals signs; here they are whole.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then word=$rest; fi
        if ((i > 0)) && [[ $rest == "$line" ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        line=${rest#"$word"}
    done
    # Readline replaces $2, the last part of the last word, and keeps what is before it.
    local last=${words[${#words[@]} - 1]} kept plain value
    kept=${last%"$2"}
    plain=${kept//[\"\']/}
    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        if [[ $kept != *[\"\'] ]]; then
            # Outside quotes, a blank or > would have a meaning of its own; a tilde has one.
            plain=$kept
            case $value in
            '~/'*) printf -v value '~/%q' "${value#'~/'}" ;;
            *) printf -v value '%q' "$value" ;;
            esac
            value=${value//\\,/,}
        fi
        if [[ $value == "$plain"* ]]; then COMPREPLY+=("${value#"$plain"}"); fi
    done < <(HUBSCOPE_COMPLETE=bash hubscope -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -o nosort -F _hubscope hubscope 2>/dev/null || complete -F _hubscope hubscope
