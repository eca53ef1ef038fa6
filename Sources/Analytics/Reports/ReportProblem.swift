/// An argument that a report does not accept. The description says which, what was given and what is allowed, so that a
/// model can correct its call.
package struct ReportProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the parameter; for an unknown parameter the name that was given.
    package let parameter: String
    /// What was given, shortened to one line of at most 80 characters.
    package let given: String
    /// What is allowed instead, as a clause.
    package let allowed: String

    /// - Parameter given: any text; it is shortened.
    init(_ parameter: String, given: String, allowed: String) {
        self.parameter = String(ReportFormat.oneLine(parameter).prefix(80))
        self.given = String(ReportFormat.oneLine(given).prefix(80))
        self.allowed = allowed
    }

    package var description: String { "\(parameter) cannot be \(given): \(allowed)." }
}
