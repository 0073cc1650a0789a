# The honest part of a fake solver: reads commands and answers like z3. A fake defines `check`, and overrides
# what else it does badly.

name() { echo '(:name "Z3")'; }
version() { echo '(:version "1.2.3")'; }
marker() { echo "$1"; }
value() { echo '((x 1))'; }
check() { echo sat; }

serve() {
    while IFS= read -r line; do
        case $line in
        '(get-info :name)') name ;;
        '(get-info :version)') version ;;
        '(get-info :reason-unknown)') echo '(:reason-unknown "incomplete")' ;;
        '(echo "'*)
            text=${line#*\"}
            marker "${text%%\"*}"
            ;;
        '(get-value'*) value ;;
        '(check-sat)') check ;;
        esac
    done
}
