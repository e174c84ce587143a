#include "task.h"

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
