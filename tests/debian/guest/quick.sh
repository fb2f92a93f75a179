# What `make test` has time for: from nothing to a host that keeps time, what an attacker inside of a daemon can do, and away with it.
. ./install.sh
. ./inside.sh
for daemon in clockd ntpd; do
  killed() { local old; old=$(pid $daemon); kill -9 "$old"; back $daemon "$old" 10; }
  try "$daemon is killed, and is back" killed
done
try "after that it is right" becomes_right 300 0.003
. ./away.sh
