//! Control of the allocator. Loading allocates and frees much on many threads; mimalloc alone returns
//! little of that to the system, and late.

use crate::engine::LoadEvent;
use crate::engine::table::stage::Stage;

/// Returns free memory to the system.
pub fn collect() {
    // SAFETY: it has no preconditions, and touches no memory that is in use.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}

/// Returns to the system the memory that reading a stage freed.
pub fn collect_after(stage: Stage) {
    // Little was freed before the lineage is there.
    if stage > Stage::Names {
        collect();
    }
}

/// A callback for [`crate::engine::Hub::open`] that does so after each stage.
pub fn on_step(step: LoadEvent) {
    if let LoadEvent::Usable(hub) = step {
        collect_after(hub.stage);
    }
}
