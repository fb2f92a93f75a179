# An attacker who is inside of a daemon: its program and its profile, as the user who owns the file that is wanted, so that only the profile stands in the way.
owners="clockd:timesuite-clock:$state/clockd/theirs ntpd:timesuite-ntp:$state/ntpd/theirs ntskeyd:timesuite-nts:$state/ntskeyd/theirs ptpd:timesuite-ptp:$state/ptpd/theirs
  ntskeyd:timesuite-nts:/etc/timesuite/certificates/theirs.pem nobody:root:/etc/shadow"
for secret in $owners; do
  IFS=: read -r owner user file <<<"$secret"
  [ -e "$file" ] || { echo secret >"$file"; chown "$user" "$file"; chmod 600 "$file"; }
done
take_secrets() {
  local secret owner user file n=0
  dmesg -C
  for secret in $owners; do
    IFS=: read -r owner user file <<<"$secret"
    [ "$owner" != "$daemon" ] || continue
    n=$((n + 1))
    as "$user" bash -c 'SYSTEMD_EXEC_PID=$$ exec "$@"' as-a-unit "$lib/$daemon" --self-test-confinement "--read=$file" >/tmp/seen 2>&1
    grep -qE "^read $file +refused" /tmp/seen || { echo "$user reads $file: $(tail -1 /tmp/seen)"; return 1; }
    denials | grep "profile=\"timesuite-$daemon\"" | grep -q "name=\"$file\"" || { echo "$file: refused, but not by the profile, or not logged: $(tail -1 /tmp/seen)"; return 1; }
  done
  echo "$n files; $(denials | grep -o 'operation=.*name="[^"]*"' | tail -1)"
}
break_out() {
  dmesg -C
  bash -c 'SYSTEMD_EXEC_PID=$$ exec "$@"' as-a-unit "$lib/$daemon" --self-test-confinement >/tmp/seen 2>&1
  local lines; lines=$(dmesg | grep -a "type=1326.*comm=\"$daemon" | wc -l)
  echo "$(grep -c ' refused ' /tmp/seen) refused, $lines lines in the log; possible: $(grep ' POSSIBLE ' /tmp/seen | sed 's/  .*//' | paste -sd,)"
  local allowed="" # what is in its list
  case $daemon in clockd) allowed=adjtimex,clock_adjtime ;; ptpd) allowed="socket AF_PACKET" ;; ntskeyd) allowed="socket SOCK_STREAM" ;; lookupd) allowed="socket SOCK_STREAM,mmap PROT_EXEC,mprotect PROT_EXEC" ;; esac
  [ "$(grep ' POSSIBLE ' /tmp/seen | sed 's/  .*//' | paste -sd,)" = "$allowed" ] && [ "$(grep -c ' refused ' /tmp/seen)" -ge 25 ] && [ "$lines" -ge 20 ]
}
for daemon in clockd ntpd ntskeyd ptpd lookupd; do
  try "from inside of $daemon the files of all others are denied, and each denial is logged" take_secrets
  try "from inside of $daemon system calls beyond its list are refused, and logged" break_out
done
rm -f $state/*/theirs /etc/timesuite/certificates/theirs.pem
