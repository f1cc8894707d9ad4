DROP TABLE aid_records;
DROP TABLE aid_registers;
DROP TABLE aid_programmes;
