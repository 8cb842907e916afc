# Runs a postmaster and stops it after its last user has gone, however the users ended.
#
#   watch users   0          <home> <run> postgres ...   until the last writer of stdin, a FIFO, is gone
#   watch process <process>  <home> <run> postgres ...   until that process is gone; then removes <home>
#
# stdout is a locked file. This script and every server process hold it open. So the kernel releases the lock
# exactly when all of them have ended.
watch=$1 process=$2 home=$3 run=$4
shift 4
exec 3>&1 4<&0 </dev/null >/dev/null 2>&1

"$@" >"$home/postgres.log" 2>&1 4<&- &
server=$!

# A signal sent before the postmaster has its handlers is lost: repeat it.
stop() {
    while kill -INT "$server"; do sleep 0.05 || sleep 1; done
}

# A line is a user's question whether this script still listens. End of file: the last user has gone.
until_unused() {
    while read -r user; do : >"$run/user-$user"; done
}

# Another user's process returns "not permitted", and a zombie accepts signals, so neither result is clear.
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

# In the foreground, so that the ended postmaster is reaped at once, and `stop` notices.
wait "$server"
kill "$watcher"
# A failed server keeps its log.
[ "$watch" = process ] && is_gone && rm -rf "$home"
exit 0
