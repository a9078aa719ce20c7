#pragma once

#include <pybind11/pybind11.h>

namespace tilewright {

/// All of the below: the module, whatever its name.
void bind_all(pybind11::module_& m);

void bind_seeds(pybind11::module_& m);
void bind_plan(pybind11::module_& m);
void bind_executor(pybind11::module_& m);
void bind_backends(pybind11::module_& m);
void bind_device(pybind11::module_& m);
void bind_level(pybind11::module_& m);
void bind_paint(pybind11::module_& m);

}  // namespace tilewright
