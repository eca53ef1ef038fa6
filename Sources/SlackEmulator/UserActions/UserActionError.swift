/// An action that a user cannot take, or a workspace that did not start.
package struct UserActionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why not, in one sentence.
    package let description: String
    init(_ description: String) { self.description = description }
}
