/* The doors from Python: arrays in, arrays filled. Their callers see to it that shapes fit and numbers are in range. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "said.h"
#include "trees.h"

#define MOST 10

/* The arrays of a call. */
typedef struct {
    Py_buffer held[MOST];
} Arrays;

#define COUNT(arrays, i, type) ((arrays).held[i].len / (Py_ssize_t)sizeof(type))

static int taken(PyObject *args, const char *format, Arrays *arrays) {
    Py_buffer *all = arrays->held;
    memset(all, 0, sizeof arrays->held);
    return PyArg_ParseTuple(args, format, all, all + 1, all + 2, all + 3, all + 4, all + 5, all + 6, all + 7, all + 8, all + 9);
}

static PyObject *left(Arrays *arrays, int done) {
    for (int i = 0; i < MOST; i++)
        if (arrays->held[i].obj) PyBuffer_Release(&arrays->held[i]);
    if (!done) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static int fill_best(const Arrays *arrays) {
    Room room;
    int64_t n = COUNT(*arrays, 0, float), most = COUNT(*arrays, 1, int64_t), *rows = arrays->held[1].buf;
    int done = made_room(&room, n);
    if (done) best_first(arrays->held[0].buf, n, most, &room, 0, rows);
    leave_room(&room);
    return done;
}

static int fill_highest(const Arrays *arrays) {
    Room room;
    const int64_t *depth = arrays->held[1].buf;
    int64_t b = COUNT(*arrays, 1, int64_t), n = b ? COUNT(*arrays, 0, float) / b : 0, *counts = arrays->held[3].buf;
    const float *scores = arrays->held[0].buf;
    int32_t *items = arrays->held[2].buf;
    int done = made_room(&room, n);
    for (int64_t row = 0; done && row < b; row++) {
        counts[row] = highest(scores + row * n, n, depth[row], &room, items);
        items += counts[row];
    }
    leave_room(&room);
    return done;
}

static int fill_sums(const Arrays *arrays) {
    const Py_buffer *held = arrays->held;
    Sparse asked = {held[0].buf, held[1].buf, held[2].buf}, between = {held[3].buf, held[4].buf, held[5].buf};
    int64_t b = COUNT(*arrays, 6, int64_t), n = b ? COUNT(*arrays, 7, float) / b : 0, *counts = held[9].buf;
    const int64_t *depth = held[6].buf;
    float *sums = held[7].buf;
    int32_t *items = held[8].buf;
    Room room;
    Touched touched;
    int made = made_room(&room, n), done = made_touched(&touched, n) && made;
    for (int64_t row = 0; done && row < b; row++) {
        counts[row] = add_rows(&asked, row, &between, depth[row], sums + row * n, &touched, &room, items);
        items += counts[row];
    }
    leave_touched(&touched);
    leave_room(&room);
    return done;
}

static int fill_blend(const Arrays *arrays) {
    const Py_buffer *held = arrays->held;
    Said said = {COUNT(*arrays, 2, float), COUNT(*arrays, 4, float), held[0].buf, held[2].buf};
    const int64_t *bounds = held[1].buf;
    int64_t b = COUNT(*arrays, 1, int64_t) - 1, *order = held[6].buf;
    float *total = held[4].buf;
    Room room;
    int done = made_room(&room, said.m);
    for (int64_t row = 0; done && row < b; row++) {
        int64_t start = bounds[row], n = bounds[row + 1] - start;
        blend(&said, start, n, held[3].buf, total, held[5].buf);
        best_first(total + start, n, n, &room, start, order + start);
    }
    leave_room(&room);
    return done;
}

static int fill_walk(const Arrays *arrays) {
    const Py_buffer *held = arrays->held;
    int64_t m = COUNT(*arrays, 5, double);
    Forest forest = {COUNT(*arrays, 1, int32_t), m ? COUNT(*arrays, 0, float) / m : 0, held[1].buf, held[2].buf, held[3].buf, held[4].buf};
    walk(&forest, held[0].buf, m, held[5].buf);
    return 1;
}

#define DOOR(name, format)                               \
    static PyObject *py_##name(PyObject *self, PyObject *args) { \
        (void)self;                                      \
        Arrays arrays;                                   \
        int done = 1;                                    \
        if (!taken(args, format, &arrays)) {             \
            left(&arrays, 1);                            \
            return NULL;                                 \
        }                                                \
        Py_BEGIN_ALLOW_THREADS;                          \
        done = fill_##name(&arrays);                     \
        Py_END_ALLOW_THREADS;                            \
        return left(&arrays, done);                      \
    }

DOOR(best, "y*w*")
DOOR(highest, "y*y*w*w*")
DOOR(sums, "y*y*y*y*y*y*y*w*w*w*")
DOOR(blend, "y*y*y*w*w*w*w*")
DOOR(walk, "y*y*y*y*y*w*")

static PyMethodDef methods[] = {
    {"best", py_best, METH_VARARGS, NULL},   {"highest", py_highest, METH_VARARGS, NULL}, {"sums", py_sums, METH_VARARGS, NULL},
    {"blend", py_blend, METH_VARARGS, NULL}, {"walk", py_walk, METH_VARARGS, NULL},       {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_passes", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__passes(void) { return PyModule_Create(&definition); }
