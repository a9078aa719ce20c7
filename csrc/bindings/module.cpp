#include <pybind11/pybind11.h>

#include "bindings/bindings.h"

PYBIND11_MODULE(_core, m) {
    m.doc() = "The compiled core of tilewright; engine.py is its face.";
    tilewright::bind_seeds(m);
    tilewright::bind_plan(m);
    tilewright::bind_executor(m);
    tilewright::bind_backends(m);
    tilewright::bind_level(m);
    tilewright::bind_paint(m);
}
