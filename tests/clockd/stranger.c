/* Becomes uid 65534, connects to the Unix socket argv[1], speaks HTTP/2 and prints how many octets came back before the end. */
#define _GNU_SOURCE
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char answer[100];
    int stranger;
    ssize_t length;

    if (argc != 2 || setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0) {
        return 1;
    }
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    stranger = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(stranger, (struct sockaddr *)&address, sizeof address) != 0) {
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (write(stranger, hello, sizeof hello - 1) < 0) {
        puts("0");
        return 0;
    }
    length = read(stranger, answer, sizeof answer);
    printf("%zd\n", length < 0 ? 0 : length);
    return 0;
}
