import Bridge

/// The result of delivering an envelope once.
enum Delivery: Sendable {
    /// Acknowledged in time, with the acknowledgement's payload; null if it had none or none was accepted.
    case acknowledged(JSONValue)
    /// Not acknowledged in time, or the connection was lost while sending.
    case late
    /// No connection had received its `hello`.
    case undeliverable
}
