# Written by `ocode hooks install`. `ocode hooks uninstall` takes it away and puts back the hook that was here before.

# The hook that was here before runs first, always, and its verdict counts.
here=${0%/*}
[ "$here" != "$0" ] || here=.
before=$here/@NAME@.before-ocode
if [ -x "$before" ]; then
    "$before" "$@" || exit $?
fi

@GATE@
# Trouble of ours must not stop a commit: nothing but a failed check (65) does.
trap : HUP INT TERM
python=@PYTHON@
if [ -x "$python" ]; then
    "$python" -I -c '
import sys
try:
    from @MODULE@ import main
except Exception:
    sys.exit(66)
sys.exit(65 if main(sys.argv[1:]) == 1 else 0)
' "$@"
    case $? in
    0) exit 0 ;;
    65) exit 1 ;;
    esac
fi
echo "ocode: @NAME@ skipped: its Python does not work any more; run ocode hooks install" >&2
exit 0
