# Runs postgres for as long as somebody holds the pipe on standard input open for writing.
#
#   sh -c "$(cat guard.sh)" guard RUN_DIR SPARE_SOCKET_DIR POSTGRES ARGUMENT...
#
# Each line that comes through the pipe is the name of a newcomer; an empty file RUN_DIR/held.NAME answers it, so it knows
# that it was counted. End of file means that the last holder closed the pipe or died, with kill -9 too: postgres gets
# SIGINT (a fast, clean shutdown) and this script ends with its status.
# A postgres that was killed while it is still held is started again, as a service manager would do.
run=$1 spare=$2
shift 2
trap '' HUP INT TERM PIPE
# Descriptors that the caller had inherited must not live as long as the database.
exec 3<&0 0</dev/null 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-
tries=0
while :; do
    "$@" 3<&- &
    server=$!
    echo "$server" >"$run/server"
    (
        while read -r name; do
            case $name in *[!0-9-]*) ;; *) : >"$run/held.$name" ;; esac
        done
        : >"$run/stop"
        exec 0</dev/null
        # Repeated, as a postgres that has just been started still ignores the signal.
        while kill -INT "$server" 2>/dev/null; do sleep 1; done
    ) <&3 3<&- &
    watch=$!
    wait "$server"
    status=$?
    kill -KILL "$watch" 2>/dev/null
    wait "$watch" 2>/dev/null
    [ -e "$run/stop" ] && break
    # Killed from outside: again, for up to ten seconds, until the processes of the dead server have let go of its memory.
    if [ "$status" -gt 128 ]; then
        tries=50
    elif [ "$tries" -gt 0 ]; then
        tries=$((tries - 1))
    else
        break
    fi
    sleep 0.2 2>/dev/null || sleep 1
done
rm -f "$run/server" "$run/stop"
[ -z "$spare" ] || rmdir "$spare" 2>/dev/null
exit "$status"
