import Bridge

/// What becomes of an envelope.
enum Delivery: Sendable {
    /// With the payload of the acknowledgement; null when there was none.
    case acknowledged(JSONValue)
    case late
    /// No connection was open.
    case undeliverable
}
