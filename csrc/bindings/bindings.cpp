#include "bindings/bindings.h"

namespace tilewright {

void bind_all(pybind11::module_& m) {
    bind_seeds(m);
    bind_plan(m);
    bind_executor(m);
    bind_backends(m);
    bind_device(m);
    bind_level(m);
    bind_apply_palette(m);
    bind_picture_codes(m);
}

}  // namespace tilewright
