# stranger.pl SOCKET : connects as whoever runs it, says what a client of gRPC would (to lookupd: asks for a name), and what came back. Exit code 0 if nothing did.
use strict; use warnings; use Socket;
my ($path) = @ARGV;
my $asks = $path =~ /lookupd/;
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { print "neither an answer nor an end\n"; exit 3 };
alarm 20;
socket(my $socket, AF_UNIX, $asks ? 5 : SOCK_STREAM, 0) or die "socket: $!\n";
connect($socket, pack_sockaddr_un($path)) or do { print "not let in: $!\n"; exit($!{EACCES} ? 0 : 2) };
syswrite $socket, $asks ? "\1" . "\0" x 263 : "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . "\0\0\0\4\0\0\0\0\0";
my $count = sysread $socket, my $answer, 4096;
print $count ? "answered with $count octets\n" : "hung up on without an octet\n";
exit($count ? 1 : 0);
