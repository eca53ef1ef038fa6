/// Something that a person of the workspace cannot do.
package struct UserActionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
