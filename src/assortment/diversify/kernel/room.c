#include "task.h"

#include <string.h>

static void close_label(Task *task, int32_t label) {
    for (int i = 0; i < task->n; i++)
        for (int place = 0; place < task->m; place++)
            if (task->codes[(int64_t)i * task->m + place] == label) task->open[i] = 0;
}

void take(Task *task, int candidate) {
    task->open[candidate] = 0;
    for (int place = 0; place < task->m; place++) {
        int32_t label = task->codes[(int64_t)candidate * task->m + place];
        if (label >= 0 && --task->left[label] < 1) close_label(task, label);
    }
}

static int bears(const Task *task, int candidate, int32_t label) {
    int times = 0;
    for (int place = 0; place < task->m; place++) times += task->codes[(int64_t)candidate * task->m + place] == label;
    return times;
}

int fits(const Task *task, int newcomer, int pick) {
    for (int place = 0; place < task->m; place++) {
        int32_t label = task->codes[(int64_t)newcomer * task->m + place];
        if (label >= 0 && task->left[label] + bears(task, pick, label) < 1) return 0;
    }
    return 1;
}

void move_labels(Task *task, int candidate, int by) {
    for (int place = 0; place < task->m; place++) {
        int32_t label = task->codes[(int64_t)candidate * task->m + place];
        if (label >= 0) task->left[label] += by;
    }
}

void take_all(Task *task, const uint8_t *open, const int32_t *left) {
    memcpy(task->open, open, (size_t)task->n);
    if (task->labels) memcpy(task->left, left, sizeof(int32_t) * (size_t)task->labels);
    for (int place = 0; place < task->count; place++) take(task, (int)task->chosen[place]);
}
