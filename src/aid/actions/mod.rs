//! Adding programmes, importing registers, and looking an applicant up in them.

mod load;
mod programmes;
mod registers;

pub use load::{
    Load, LoadedRow, append, begin_load, discard, erase_register, finish_load, indexes_of, prepare, sweep,
    thin_register,
};
pub use programmes::{add_programme, call_of_programme, programmes, remove_programme};
pub use registers::{
    call_of_register, ever_in_force, export_registers, few_indexes, find_register, hits_among, import_register,
    list_registers, look_up, standing_in, withdraw_register,
};
