#include <pybind11/pybind11.h>

#include "bindings/bindings.h"

PYBIND11_MODULE(_core, m) {
    m.doc() = "The compiled core of tilewright. engine.py is its interface.";
    tilewright::bind_all(m);
}
