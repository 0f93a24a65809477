/* Cuts a process off from all UDP while the first of the 8 bytes is set that stand in the file
   UDP_CUT names: what it sends is lost, what comes is dropped. Loaded by LD_PRELOAD; see
   tests/faults/network.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

static volatile const int64_t *cut;
static int64_t none;

__attribute__((constructor)) static void find_cut(void) {
    const char *path = getenv("UDP_CUT");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
    cut = page == MAP_FAILED ? &none : page;
}

static int is_cut(int socket) {
    int type = 0, family = 0;
    socklen_t size = sizeof type;
    if (!cut || !*cut) return 0;
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) || type != SOCK_DGRAM) return 0;
    size = sizeof family;
    if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size)) return 0;
    return family == AF_INET || family == AF_INET6;
}

static ssize_t drop(ssize_t came, int socket) {
    if (came < 0 || !is_cut(socket)) return came;
    errno = EAGAIN;
    return -1;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t send(int socket, const void *data, size_t size, int flags) {
    REAL(send);
    return is_cut(socket) ? (ssize_t)size : real(socket, data, size, flags);
}

ssize_t sendto(int socket, const void *data, size_t size, int flags,
               const struct sockaddr *to, socklen_t to_size) {
    REAL(sendto);
    return is_cut(socket) ? (ssize_t)size : real(socket, data, size, flags, to, to_size);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    size_t size = 0;
    if (!is_cut(socket)) return real(socket, message, flags);
    for (size_t i = 0; i < message->msg_iovlen; i++) size += message->msg_iov[i].iov_len;
    return (ssize_t)size;
}

ssize_t recv(int socket, void *data, size_t size, int flags) {
    REAL(recv);
    return drop(real(socket, data, size, flags), socket);
}

ssize_t recvfrom(int socket, void *data, size_t size, int flags, struct sockaddr *from,
                 socklen_t *from_size) {
    REAL(recvfrom);
    return drop(real(socket, data, size, flags, from, from_size), socket);
}

ssize_t recvmsg(int socket, struct msghdr *message, int flags) {
    REAL(recvmsg);
    return drop(real(socket, message, flags), socket);
}
