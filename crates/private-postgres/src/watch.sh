# Runs a postmaster and stops it when nobody needs it any more, however its users ended.
#
#   watch users   0          <home> <run> postgres ...   until the last writer of stdin, a FIFO, is gone
#   watch process <process>  <home> <run> postgres ...   until that process is gone; then removes <home>
#
# stdout is a locked file. We and every server process hold it open, so the lock is free exactly when all of
# them are gone; the kernel sees to that.
watch=$1 process=$2 home=$3 run=$4
shift 4
exec 3>&1 4<&0 </dev/null >/dev/null 2>&1

"$@" >"$home/postgres.log" 2>&1 4<&- &
server=$!

# A signal sent before the postmaster has its handlers is lost: repeat it.
stop() {
    while kill -INT "$server"; do sleep 0.05 || sleep 1; done
}

# A line is a user asking whether we still listen. End of file: the last user is gone, and so are our ears.
until_unused() {
    while read -r user; do : >"$run/user-$user"; done
}

# Somebody else's process answers "not permitted", a zombie takes signals: neither is a plain answer.
is_gone() {
    case $(kill -0 "$process" 2>&1) in *[Nn]"o such"*) return 0 ;; esac
    [ -r "/proc/$process/status" ] || return 1
    while read -r key value _; do
        [ "$key$value" = State:Z ] && return 0
    done <"/proc/$process/status"
    return 1
}

case $watch in
users) { until_unused; stop; } <&4 3>&- 4<&- & ;;
process) { until is_gone; do sleep 1; done; stop; } 3>&- 4<&- & ;;
esac
watcher=$!
exec 4<&-

# In the foreground, so that the postmaster is reaped at once and `stop` sees it gone.
wait "$server"
kill "$watcher"
# A server that failed leaves its log.
[ "$watch" = process ] && is_gone && rm -rf "$home"
exit 0
