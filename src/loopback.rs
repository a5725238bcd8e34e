//! A small HTTP server shell on the loopback interface.
