//! What the allocator is asked for beside memory. Loading makes and drops much, on many threads; what
//! they dropped is used again by others but in part, and on its own the allocator gives it back to the
//! system late, if ever.

/// Gives memory back that nothing is in any more.
pub fn give_back() {
    // SAFETY: it has no preconditions, and touches no memory that is in use.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
