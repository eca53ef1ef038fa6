/// The open connections that a fault applies to.
package enum ConnectionSelector: Sendable, Hashable {
    case all
    /// One of them, chosen at random.
    case one
}
