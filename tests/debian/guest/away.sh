# The package is removed, and purged.
remove() { apt_get remove timesuite && dpkg-query -W -f '${Status}' timesuite; }
try "the package goes" remove
try "nothing is left running" nothing_runs
nothing_open() { ! ss -Hlntu 'sport = :123 or sport = :4460' | grep . && ! grep timesuite /sys/kernel/security/apparmor/profiles && echo none; }
try "nor a port or a profile" nothing_open
goes_on() { ./truth kernel; ./truth kernel | sed 's/.*ppm=\([-0-9.]*\).*/\1/' | awk '{ exit !($1 > 15 && $1 < 25) }'; }
try "the clock goes on at the rate that was found" goes_on
stays() { test -s /etc/timesuite/timesuite.toml && test -s $state/ntpd/drift && test -s $state/ntskeyd/keeping.key && ls $state/ntpd | paste -sd' '; }
try "configuration and state stay" stays
left() { find /etc /var /run /usr -xdev \( -path /usr/share/zoneinfo -o -path '/usr/lib/*-linux-gnu' -o -path /usr/lib/modules -o -path '/usr/share/ca-certificates*' -o -path /usr/share/perl \) -prune -o -name '*time[sc][ut]*' -print | grep -E 'timesuite|timectl'; }
purge() { apt_get purge timesuite && refused left && echo gone; }
try "a purge takes the rest" purge
