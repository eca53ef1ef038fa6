/// Which connections a fault hits.
package enum ConnectionSelector: Sendable, Hashable {
    case all
    /// Any one of them.
    case one
}
