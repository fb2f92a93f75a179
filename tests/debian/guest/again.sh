# The next start of the machine that was installed, whose hardware clock is 1 s wrong.
reference
try "after a reboot it starts by itself" until_true 60 active timesuite-ntpd
kept=$(awk '{ printf "%.3f", $3 / 1000 }' $state/ntpd/drift)
first() { # what it knew is what the kernel is told
  local now; timectl waitsync --timeout 300s || return 1
  now=$(./truth kernel | sed 's/.*ppm=\([-0-9.]*\).*/\1/'); echo "$now ppm, kept were $kept"
  smaller "$(awk -v a="$now" -v b="$kept" 'BEGIN { print a - b }')" 0.5
}
try "at its first synchronisation the frequency is at once that of before" first
entered() { systemctl show -p "$2" --value "$1" | tr -dc 0-9; }
held_back() { # install.sh has enabled timesuite-waitsync; when the clock became right ntpd's own line says, which the journal may have a second late
  until_true 30 active time-sync.target || return 1
  local begun right done reached; begun=$(entered timesuite-waitsync InactiveExitTimestampMonotonic) done=$(entered timesuite-waitsync ActiveEnterTimestampMonotonic) reached=$(entered time-sync.target ActiveEnterTimestampMonotonic)
  right=$(journalctl -b -u timesuite-ntpd -o short-monotonic --no-pager | sed -n 's/^\[ *\([0-9]*\)\.\([0-9]\{6\}\)\].*: Synchronised: .*/\1\2/p' | head -1)
  echo "waited from $begun to $done us, synchronised at $right us, time-sync.target at $reached us"
  [ -n "$right" ] && [ "$begun" -lt "$right" ] && [ "$right" -le $((done + 1000000)) ] && [ "$done" -le "$reached" ]
}
try "time-sync.target was held back until then" held_back
try "it becomes right" becomes_right 300 0.003
connections() { local n; n=$(awk '/^Tcp:/ { n++; if (n == 2) print $6 }' /proc/net/snmp); echo "$n TCP connections were opened since the start"; [ "$n" = 0 ]; }
try "by keys and cookies that were kept: no key exchange was needed" connections

# It serves, over NTS, with a certificate of its own.
cp chain.pem key.pem /etc/timesuite/certificates/; chgrp timesuite-nts /etc/timesuite/certificates/*.pem; chmod 640 /etc/timesuite/certificates/*.pem
cat >/etc/timesuite/conf.d/serve.toml <<TOML
[serve]
listen = ["10.9.0.1:123", "127.0.0.1:123"]
threads = 2
[nts-server]
listen = ["10.9.0.1:4460"]
[[nts-server.certificate]]
chain = "/etc/timesuite/certificates/chain.pem"
key = "/etc/timesuite/certificates/key.pem"
TOML
serves() { timectl config check && systemctl daemon-reload && systemctl restart timesuite-ntskeyd timesuite-ntpd && active timesuite-ntpd.socket && active timesuite-ntskeyd.socket && echo "both sockets are active"; }
try "it is told to serve" serves
threads() { local n; n=$(ss -Huln 'sport = :123' | grep -c '10.9.0.1:123'); echo "$n sockets, capabilities $(field ntpd CapEff)"; [ "$n" = 2 ] && [ "$(field ntpd CapEff)" = 0000000000000000 ]; }
try "each thread has a socket of port 123 from systemd, and ntpd no capability" threads
try "it synchronises again" becomes_right 300 0.003
measured=$(by_chronyd)
client() { echo "chronyd sees $measured s"; smaller "$measured" 0.003 || { tail -5 /srv/far/log2; return 1; }; }
try "chronyd takes its time over NTS, and finds it right" client
counts() { timectl serverstats | grep -i nts; }
try "and that is counted" counts
elsewhere() { # by the command that ntpd and its page name
  sed -i 's/^listen = .*:123.*/listen = ["127.0.0.2:123"]/' /etc/timesuite/conf.d/serve.toml; systemctl daemon-reload && systemctl restart timesuite.target
  until_true 30 active timesuite-ntpd; ss -Huln 'sport = :123' | awk '{ print $4 }' | sort -u | paste -sd' ' | grep -x "127.0.0.2:123"
}
try "told to serve elsewhere it does, and no more where it did" elsewhere
rm /etc/timesuite/conf.d/serve.toml
try "nothing was denied to a daemon at its own work" quiet_log
