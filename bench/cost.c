/*
 * cost FILE COMMAND...: runs the command and writes what it cost as JSON to FILE: {"status",
 * "seconds", "cpu_seconds", "peak_bytes"}. A small program, because the peak that the kernel
 * reports of a process is never below that of the one which started it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench-cost FILE COMMAND...\n");
        return 2;
    }
    struct rusage usage;
    int status;
    double begin = now();
    pid_t child = fork();
    if (child == 0) {
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return EXIT_FAILURE;
    double end = now();
    FILE *file = fopen(argv[1], "w");
    if (!file)
        return EXIT_FAILURE;
    fprintf(file,
            "{\"status\": %d, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"peak_bytes\": %ld}\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), end - begin,
            seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), usage.ru_maxrss * 1024L);
    return fclose(file) ? EXIT_FAILURE : EXIT_SUCCESS;
}
