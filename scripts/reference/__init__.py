"""What every installation begins with: provinces and counties, headquarters, and the rules in force."""
