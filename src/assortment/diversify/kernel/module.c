/* The doors from Python: arrays in, rows out. Shapes and settings are checked in select.py, what lies in the arrays here. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <math.h>

#include "methods.h"

static PyObject *BadInput;

/* The arrays that every method takes, in this order. */
typedef struct {
    Py_buffer relevance, vectors, items, codes, left, open, given, chosen;
} Arrays;

#define ARRAYS "y*y*z*y*w*w*y*w*i"
#define ALL(arrays) \
    &(arrays).relevance, &(arrays).vectors, &(arrays).items, &(arrays).codes, &(arrays).left, &(arrays).open, &(arrays).given, \
        &(arrays).chosen

static void release(Arrays *arrays) {
    Py_buffer *all = (Py_buffer *)arrays;
    for (size_t i = 0; i < sizeof *arrays / sizeof *all; i++)
        if (all[i].obj) PyBuffer_Release(&all[i]);
}

static Task task_of(const Arrays *arrays, int d) {
    Task task = {
        .n = (int)(arrays->relevance.len / 4),
        .d = d,
        .labels = (int)(arrays->left.len / 4),
        .k = (int)(arrays->chosen.len / 8),
        .given_count = (int)(arrays->given.len / 8),
        .relevance = arrays->relevance.buf,
        .vectors = arrays->vectors.buf,
        .items = arrays->items.buf,
        .codes = arrays->codes.buf,
        .given = arrays->given.buf,
        .left = arrays->left.buf,
        .open = arrays->open.buf,
        .chosen = arrays->chosen.buf,
    };
    task.m = task.n ? (int)(arrays->codes.len / 4 / task.n) : 0;
    return task;
}

static int labels_fit(const int32_t *codes, Py_ssize_t count, Py_ssize_t labels) {
    for (Py_ssize_t i = 0; i < count; i++)
        if (codes[i] >= labels) return 0;
    return 1;
}

/* Raises and gives 0 where a number in the arrays cannot be used. */
static int sound(const Arrays *arrays, const Task *task) {
    for (int i = 0; i < task->n; i++)
        if (!isfinite(task->relevance[i])) {
            PyErr_Format(BadInput, "the relevance of candidate %d is not a finite number", i);
            return 0;
        }
    Py_ssize_t rows = task->d ? arrays->vectors.len / 4 / task->d : task->n;
    for (int i = 0; task->items && i < task->n; i++)
        if (task->items[i] < 0 || task->items[i] >= rows) {
            PyErr_Format(BadInput, "candidate %d is item %d; there are vectors of %zd", i, (int)task->items[i], rows);
            return 0;
        }
    for (int i = 0; i < task->given_count; i++)
        if (task->given[i] < 0 || task->given[i] >= task->n) {
            PyErr_Format(BadInput, "%lld is given as chosen; there are %d candidates", (long long)task->given[i], task->n);
            return 0;
        }
    if (!labels_fit(task->codes, (Py_ssize_t)task->n * task->m, arrays->left.len / 4)) {
        PyErr_SetString(BadInput, "a candidate bears a label that the room does not know");
        return 0;
    }
    return 1;
}

static PyObject *told(Outcome outcome, const Task *task) {
    if (outcome == NO_MEMORY) return PyErr_NoMemory();
    if (outcome == NOT_A_NUMBER) {
        PyErr_SetString(BadInput, "the vectors hold numbers that are not finite; embed the goods again");
        return NULL;
    }
    return PyLong_FromLong(task->count);
}

static PyObject *py_hybrid(PyObject *self, PyObject *args) {
    (void)self;
    Arrays arrays = {0};
    Py_buffer codes = {0}, wanted = {0};
    PyObject *answer = NULL;
    float diversity, personal;
    int d;
    if (PyArg_ParseTuple(args, ARRAYS "fy*y*f", ALL(arrays), &d, &diversity, &codes, &wanted, &personal)) {
        Task task = task_of(&arrays, d);
        int m = task.n ? (int)(codes.len / 4 / task.n) : 0;
        Aspects aspects = {m, (int)(wanted.len / 4), codes.buf, wanted.buf};
        if (!labels_fit(aspects.codes, (Py_ssize_t)task.n * m, aspects.labels))
            PyErr_SetString(BadInput, "a candidate bears a label of which it is not said how much it is wanted");
        else if (sound(&arrays, &task)) {
            Outcome outcome;
            Py_BEGIN_ALLOW_THREADS;
            outcome = hybrid(&task, diversity, &aspects, personal);
            Py_END_ALLOW_THREADS;
            answer = told(outcome, &task);
        }
    }
    if (codes.obj) PyBuffer_Release(&codes);
    if (wanted.obj) PyBuffer_Release(&wanted);
    release(&arrays);
    return answer;
}

static PyObject *py_volume(PyObject *self, PyObject *args) {
    (void)self;
    Arrays arrays = {0};
    PyObject *answer = NULL;
    float diversity, jitter;
    int d, root, w;
    if (PyArg_ParseTuple(args, ARRAYS "ffpi", ALL(arrays), &d, &diversity, &jitter, &root, &w)) {
        Task task = task_of(&arrays, d);
        if (sound(&arrays, &task)) {
            Outcome outcome;
            Py_BEGIN_ALLOW_THREADS;
            outcome = w < task.k + task.given_count ? window(&task, diversity, jitter, root, w) : volume(&task, diversity, jitter, root);
            Py_END_ALLOW_THREADS;
            answer = told(outcome, &task);
        }
    }
    release(&arrays);
    return answer;
}

static PyObject *py_dispersion(PyObject *self, PyObject *args) {
    (void)self;
    Arrays arrays = {0};
    PyObject *answer = NULL;
    float diversity;
    int d, angular, swaps;
    if (PyArg_ParseTuple(args, ARRAYS "fpp", ALL(arrays), &d, &diversity, &angular, &swaps)) {
        Task task = task_of(&arrays, d);
        if (sound(&arrays, &task)) {
            Outcome outcome;
            Py_BEGIN_ALLOW_THREADS;
            outcome = dispersion(&task, diversity, angular ? ANGULAR : COSINE, swaps);
            Py_END_ALLOW_THREADS;
            answer = told(outcome, &task);
        }
    }
    release(&arrays);
    return answer;
}

static PyObject *py_trade(PyObject *self, PyObject *args) {
    (void)self;
    Arrays arrays = {0};
    PyObject *answer = NULL;
    float diversity;
    int d;
    if (PyArg_ParseTuple(args, ARRAYS "f", ALL(arrays), &d, &diversity)) {
        Task task = task_of(&arrays, d);
        if (sound(&arrays, &task)) {
            Outcome outcome;
            Py_BEGIN_ALLOW_THREADS;
            outcome = trade(&task, diversity);
            Py_END_ALLOW_THREADS;
            answer = told(outcome, &task);
        }
    }
    release(&arrays);
    return answer;
}

static PyMethodDef methods[] = {
    {"hybrid", py_hybrid, METH_VARARGS, NULL},
    {"volume", py_volume, METH_VARARGS, NULL},
    {"dispersion", py_dispersion, METH_VARARGS, NULL},
    {"trade", py_trade, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_greedy", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__greedy(void) {
    PyObject *errors = PyImport_ImportModule("assortment.core.errors");
    if (!errors) return NULL;
    BadInput = PyObject_GetAttrString(errors, "BadInput");
    Py_DECREF(errors);
    return BadInput ? PyModule_Create(&definition) : NULL;
}
