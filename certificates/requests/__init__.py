"""What people, employers and the fund ask or answer: filings, applications, inquiries, deregistrations, calls."""
